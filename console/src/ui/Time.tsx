// A moment in the viewer's zone; UTC on hover and for the machine.
import { ago, dateTime, shortTime, utc } from '~/format/format';
import { useSpeaking, useTexts } from '~/i18n';
import { useZone } from '~/shell/site';

export function Time(props: { at: string | null | undefined; show?: 'exact' | 'short' | 'ago' }) {
  const { language } = useSpeaking();
  const t = useTexts();
  const zone = useZone();
  if (!props.at) return <span>{t.shell.none}</span>;
  const exact = dateTime(props.at, language, zone);
  const short = shortTime(props.at, language, zone);
  const isAgo = props.show === 'ago';
  return (
    <time
      dateTime={props.at}
      title={isAgo || props.show === 'short' ? `${exact} · ${utc(props.at)}` : utc(props.at)}
      className="y-number"
    >
      {isAgo ? ago(props.at, language) : props.show === 'short' ? short : exact}
    </time>
  );
}
