// 账单页。
export const statement = {
  title: '账单',
  empty: '这里还没有内容',
};
