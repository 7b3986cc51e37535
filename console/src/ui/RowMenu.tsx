// What can be done to one row of a table: a button of three dots, and what it opens.
import { MenuButton, type MenuPart } from './MenuButton';

export function RowMenu({ label, parts }: { label: string; parts: MenuPart[] }) {
  return <MenuButton icon="more" label={label} parts={parts} />;
}
