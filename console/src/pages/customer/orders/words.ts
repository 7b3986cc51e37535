// The account's orders.
import { defineWords } from '~/i18n/defineWords';

export const words = defineWords({
  zh: {
    title: '充值订单',
    intro: '每笔在线充值的状态、金额与收据。',
    empty: '还没有订单',
    emptyText: '在充值页选择金额与支付方式。',
    topUp: '去充值',
    state: '状态',
    paid: '支付金额',
    credit: '到账',
    time: '时间',
    number: '订单号',
    earlier: '此前网关的订单',
    earlierText: '迁移前支付的订单，仅作记录：其金额已包含在迁入的余额中。',
  },
  en: {
    title: 'Orders',
    intro: 'Status, amount and receipt of every online top-up.',
    empty: 'No orders yet',
    emptyText: 'Choose an amount and a payment method on the top-up page.',
    topUp: 'Top up',
    state: 'Status',
    paid: 'Paid',
    credit: 'Credit',
    time: 'Time',
    number: 'Order number',
    earlier: 'Orders from the previous gateway',
    earlierText:
      'Paid before the migration and kept as a record; their amounts are part of the migrated balance.',
  },
});
