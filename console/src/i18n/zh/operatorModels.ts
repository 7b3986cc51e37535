// 模型与定价页。
export const operatorModels = {
  title: '模型与定价',
  empty: '这里还没有内容',
};
