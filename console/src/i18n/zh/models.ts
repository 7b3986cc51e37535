// 模型与价格页。
export const models = {
  title: '模型与价格',
  empty: '这里还没有内容',
};
