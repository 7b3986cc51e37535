// 审计日志页。
export const audit = {
  title: '审计日志',
  intro: '运营者与管理密钥的每次操作。日志只增不改；密码和密钥不会写入。',
  empty: '还没有操作记录',
  time: '时间',
  who: '操作人',
  whoHint: '邮箱、密钥名称或编号',
  action: '操作',
  subject: '对象',
  address: '来源地址',
};
