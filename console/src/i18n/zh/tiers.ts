// 等级与限额页。
export const tiers = {
  title: '等级与限额',
  empty: '这里还没有内容',
};
