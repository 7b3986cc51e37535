// The head of a column; where it can sort, a button that says how.
import { UnstyledButton } from '@mantine/core';
import { useTexts } from '~/i18n';
import type { Column, Sorting } from './column';

export function Head(props: {
  column: Column<object>;
  sorting: Sorting | null;
  onSort: ((sorting: Sorting) => void) | null;
}) {
  const t = useTexts();
  const { column, sorting, onSort } = props;
  const isHere = sorting?.id === column.id;
  const isDown = isHere ? sorting.isDown : false;
  const canSort = onSort !== null && (column.sort !== undefined || column.isSortable);
  return (
    <th
      scope="col"
      className={column.isRight ? 'y-right' : undefined}
      aria-sort={isHere ? (isDown ? 'descending' : 'ascending') : undefined}
    >
      {canSort && onSort ? (
        <UnstyledButton
          fz="inherit"
          fw="inherit"
          onClick={() => onSort({ id: column.id, isDown: isHere ? !isDown : !!column.isRight })}
        >
          {column.header}
          {'\u00a0'}
          <span aria-hidden="true">{isHere ? (isDown ? '↓' : '↑') : '↕'}</span>
        </UnstyledButton>
      ) : (
        column.header || <span className="y-hidden">{t.shell.actions}</span>
      )}
    </th>
  );
}
