// 渠道页。
export const channels = {
  title: '渠道',
  empty: '这里还没有内容',
};
