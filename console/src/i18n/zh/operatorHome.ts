// 运营总览页。
export const operatorHome = {
  title: '运营总览',
  empty: '这里还没有内容',
};
