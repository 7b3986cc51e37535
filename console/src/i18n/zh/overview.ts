// 总览页。
export const overview = {
  title: '总览',
  empty: '这里还没有内容',
};
