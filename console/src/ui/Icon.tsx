// The few line icons the console uses, drawn here: no icon font, no package.
const PATHS = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 4V2m0 20v-2m8-8h2M2 12h2m13.7-5.7 1.4-1.4M4.9 19.1l1.4-1.4m0-11.4L4.9 4.9m14.2 14.2-1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'm5 13 4.5 4.5L19 7',
  close: 'm6 6 12 12M18 6 6 18',
  warning: 'M12 9v5m0 3v.01M12 3 2.5 20h19z',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  download: 'M12 4v11m-4-4 4 4 4-4M5 20h14',
  next: 'm9 6 6 6-6 6',
  previous: 'm15 6-6 6 6 6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  home: 'm4 11 8-7 8 7v9h-5v-6H9v6H4z',
  key: 'M14.5 9.5a4.5 4.5 0 1 0-4.2 4.5L12 16h2v2h2v2h4v-3l-5.8-5.8',
  chart: 'M5 20V10m5 10V4m5 16v-7m5 7V8',
  list: 'M4 6h16M4 12h16M4 18h10',
  receipt: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9.5 8h5m-5 4h5',
  wallet: 'M4 7h15v12H4zM4 7l11-3v3m0 6h4',
  box: 'm12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  chat: 'M4 5h16v11H9l-5 4z',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c.8-4 4-6 8-6s7.2 2 8 6',
  people:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c.6-3.5 3-5.5 6.5-5.5s5.9 2 6.5 5.5M16 5.5a3.5 3.5 0 0 1 0 6.5m2 3c2 .7 3.2 2.5 3.5 5',
  plug: 'M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  gauge: 'M4 18a8.5 8.5 0 1 1 16 0M12 14l4-5',
  ticket: 'M4 7h16v3.5a1.7 1.7 0 0 0 0 3.5V17H4v-3a1.7 1.7 0 0 0 0-3.5zM14 7v10',
  book: 'M5 4h13v16H6.5A1.5 1.5 0 0 1 5 18.5zM5 18a1.5 1.5 0 0 1 1.5-1.5H18',
  shield: 'm12 3 8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z',
  cog: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM19 12l2-1-1-3-2.2.3-1.3-1.5.5-2.1L14 3.5l-1.2 1.8h-1.6L10 3.5 7 4.7l.5 2.1-1.3 1.5L4 8l-1 3 2 1v1l-2 1 1 3 2.2-.3 1.3 1.5-.5 2.1 3 1.2 1.2-1.8h1.6l1.2 1.8 3-1.2-.5-2.1 1.3-1.5 2.2.3 1-3-2-1z',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  leave: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon(props: { name: IconName; size?: number }) {
  const size = props.size ?? 18;
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[props.name]} />
    </svg>
  );
}
