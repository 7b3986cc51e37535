// A moment in the viewer's zone; UTC on hover and for the machine.
import { ago, dateTime, utc } from '~/app/format';
import { useZone } from '~/app/site';
import { useSpeaking, useTexts } from '~/i18n';

export function Time(props: { at: string | null | undefined; show?: 'exact' | 'ago' }) {
  const { language } = useSpeaking();
  const t = useTexts();
  const zone = useZone();
  if (!props.at) return <span>{t.shell.none}</span>;
  const exact = dateTime(props.at, language, zone);
  const isAgo = props.show === 'ago';
  return (
    <time dateTime={props.at} title={isAgo ? `${exact} · ${utc(props.at)}` : utc(props.at)} className="y-number">
      {isAgo ? ago(props.at, language) : exact}
    </time>
  );
}
