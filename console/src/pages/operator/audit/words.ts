// The audit log.
import { defineWords } from '~/i18n/defineWords';

export const words = defineWords({
  zh: {
    title: '审计日志',
    intro: '运营者与管理密钥的每次操作，以及任何人对他人权限的变更。只增不改，不记录密码和密钥。',
    empty: '还没有操作记录',
    time: '时间',
    who: '操作人',
    whoHint: '邮箱、密钥名称或编号',
    action: '操作',
    subject: '对象',
    address: 'IP 地址',
    before: '之前',
    after: '之后',
    details: '详情',
    empty_: '空',
    moreChanges: (n: number) => `另有 ${n} 项`,
    allActions: '全部操作',
  },
  en: {
    title: 'Audit log',
    intro:
      'Every action by operators and management keys, and whatever anybody does to another’s access. Append-only; secrets are never recorded.',
    empty: 'No actions yet',
    time: 'Time',
    who: 'Actor',
    whoHint: 'E-mail, key name or ID',
    action: 'Action',
    subject: 'Subject',
    address: 'IP address',
    before: 'Before',
    after: 'After',
    details: 'Details',
    empty_: 'empty',
    moreChanges: (n) => `${n} more`,
    allActions: 'All actions',
  },
});
