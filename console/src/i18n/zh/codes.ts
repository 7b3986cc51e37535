// 兑换码页。
export const codes = {
  title: '兑换码',
  empty: '这里还没有内容',
};
