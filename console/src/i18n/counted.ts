/** One thing is not “1 things”: an English count with the noun that fits it. */
export function counted(n: number | string, one: string, many = `${one}s`): string {
  return `${n} ${String(n) === '1' ? one : many}`;
}
