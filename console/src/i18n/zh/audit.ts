// 审计日志页。
export const audit = {
  title: '审计日志',
  empty: '这里还没有内容',
};
