// 设置页。
export const settings = {
  title: '设置',
  empty: '这里还没有内容',
};
