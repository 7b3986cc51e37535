// 总账页。
export const ledger = {
  title: '总账',
  empty: '这里还没有内容',
};
