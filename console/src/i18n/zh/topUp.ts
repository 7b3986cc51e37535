// 充值页。
export const topUp = {
  title: '充值',
  empty: '这里还没有内容',
};
