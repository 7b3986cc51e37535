// 账户页。
export const accounts = {
  title: '账户',
  empty: '这里还没有内容',
};
