// 充值页。
export const topUp = {
  title: '充值',
  intro: '到账后立刻可用，每一笔都会写进账单。',
  redeem: '兑换码',
  code: '兑换码',
  codeHint: '可以直接粘贴，空格、横线和大小写都没有关系',
  redeemAction: '兑换',
  credited: '已到账',
  balanceNow: '现在的词元余额：',
  seeEntry: (seq: number) => `第 ${seq} 号分录`,
  link: '在线购买',
  linkText: '购买在运营者的网站上完成，买到的兑换码回到这里使用。',
  openLink: '前往购买',
};
