// 运营人员与管理密钥页。
export const people = {
  title: '运营人员与管理密钥',
  empty: '这里还没有内容',
};
