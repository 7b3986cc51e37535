// 词元密钥页。
export const tokens = {
  title: '词元密钥',
  empty: '这里还没有内容',
};
