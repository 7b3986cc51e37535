// 请求日志页。
export const logs = {
  title: '请求日志',
  empty: '这里还没有内容',
};
