// 试用页。
export const playground = {
  title: '试用',
  empty: '这里还没有内容',
};
