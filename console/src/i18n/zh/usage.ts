// 用量页。
export const usage = {
  title: '用量',
  empty: '这里还没有内容',
};
