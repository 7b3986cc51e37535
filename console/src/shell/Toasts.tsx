// Where short messages appear: a chunk of its own, fetched after the first page is drawn.
import { Notifications } from '@mantine/notifications';

export default function Toasts() {
  return <Notifications position="bottom-left" containerWidth={216} className="y-toasts" />;
}
