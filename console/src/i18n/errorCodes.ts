// What each error code of the API means, and what helps: by code, for people.
import { defineWords } from './defineWords';

interface About {
  text: string;
  cure: string;
}

type Codes = Record<string, About | undefined>;

export const errorCodes = defineWords<Codes>({
  zh: {
    invalid_request: { text: '请求格式不正确。', cure: '对照文档检查请求体和参数。' },
    upstream_rejected: {
      text: '上游认为请求有误并拒绝。',
      cure: '检查请求内容；该模型可能不支持其中的某个参数。',
    },
    context_length_exceeded: {
      text: '提示词超出了模型的上下文长度。',
      cure: '缩短对话，或换用上下文更长的模型。',
    },
    content_filter: { text: '上游因内容审核而拒绝。', cure: '修改请求内容。' },
    thread_unsupported_request: {
      text: '此处不保存会话。',
      cure: '去掉 thread，发送完整对话；官方 SDK 会自动这样做。',
    },
    invalid_api_key: {
      text: '密钥缺失、不存在、已吊销或已过期。',
      cure: '换用有效的词元密钥，并检查客户端的配置。',
    },
    insufficient_balance: {
      text: '请求的费用上限超过可用余额。',
      cure: '充值，或减小 max_tokens。',
    },
    token_budget_exceeded: {
      text: '密钥的预算已用完。',
      cure: '提高该密钥的预算，或等待下一周期。',
    },
    shortfall_limit_exceeded: {
      text: '此账户发往该模型的多个请求费用超出了预扣。',
      cure: '由运营者查看这些请求，然后放行账户（yiyuan account release）。',
    },
    model_not_allowed: { text: '此密钥不能使用该模型。', cure: '在密钥设置中允许该模型。' },
    ip_not_allowed: { text: '来源 IP 不在密钥的允许范围内。', cure: '在密钥设置中加入该 IP。' },
    account_suspended: { text: '账户已停用。', cure: '由运营者恢复账户。' },
    model_not_found: {
      text: '没有这个模型。',
      cure: '检查模型名称；运营者可添加该模型。',
    },
    request_too_large: { text: '请求体过大。', cure: '减小请求内容。' },
    rate_limit_exceeded: {
      text: '超过每分钟请求限额。',
      cure: '稍后重试，或充值升级等级以提高限额。',
    },
    concurrency_limit_exceeded: { text: '同时进行的请求过多。', cure: '减少并发请求。' },
    upstream_error: {
      text: '上游返回错误，未计费。',
      cure: '查看上游调用的状态码；检查渠道的密钥和余额。',
    },
    no_channel_available: {
      text: '没有可用的渠道。',
      cure: '启用或添加提供该模型的渠道；出错后暂停的渠道会自动恢复。',
    },
    overloaded: { text: '上游繁忙。', cure: '稍后重试，或为该模型添加更多渠道和密钥。' },
    upstream_timeout: { text: '上游未及时响应。', cure: '重试；可为渠道设置更长的超时时间。' },
    request_timeout: { text: '请求体未及时到达。', cure: '检查客户端的网络。' },
    internal_error: { text: '网关内部错误。', cure: '查看服务器日志。' },
  },
  en: {
    invalid_request: {
      text: 'The request is malformed.',
      cure: 'Check the body and parameters against the documentation.',
    },
    upstream_rejected: {
      text: 'The upstream rejected the request as invalid.',
      cure: 'Check the request; the model may not support one of its parameters.',
    },
    context_length_exceeded: {
      text: 'The prompt is longer than the model’s context.',
      cure: 'Shorten the conversation, or use a model with a longer context.',
    },
    content_filter: { text: 'The upstream refused the content.', cure: 'Change the request.' },
    thread_unsupported_request: {
      text: 'Threads are not kept here.',
      cure: 'Leave out thread and send the whole conversation; the official SDKs do this automatically.',
    },
    invalid_api_key: {
      text: 'The API token is missing, unknown, revoked or expired.',
      cure: 'Use a valid token and check the client’s configuration.',
    },
    insufficient_balance: {
      text: 'The request’s maximum cost exceeds the available balance.',
      cure: 'Top up, or lower max_tokens.',
    },
    token_budget_exceeded: {
      text: 'The token’s budget is used up.',
      cure: 'Raise the token’s budget, or wait for the next period.',
    },
    shortfall_limit_exceeded: {
      text: 'Several requests of this account to the model cost more than was held.',
      cure: 'An operator reviews these requests and releases the account (yiyuan account release).',
    },
    model_not_allowed: {
      text: 'This token may not use the model.',
      cure: 'Allow the model in the token’s settings.',
    },
    ip_not_allowed: {
      text: 'The IP address is not allowed by the token.',
      cure: 'Add the address in the token’s settings.',
    },
    account_suspended: { text: 'The account is suspended.', cure: 'An operator can resume it.' },
    model_not_found: {
      text: 'There is no such model.',
      cure: 'Check the model’s name; an operator can add it.',
    },
    request_too_large: {
      text: 'The request body is too large.',
      cure: 'Reduce the size of the request.',
    },
    rate_limit_exceeded: {
      text: 'The limit of requests per minute was exceeded.',
      cure: 'Retry later, or top up to reach a tier with higher limits.',
    },
    concurrency_limit_exceeded: {
      text: 'Too many requests at the same time.',
      cure: 'Send fewer requests in parallel.',
    },
    upstream_error: {
      text: 'The upstream returned an error. Nothing was charged.',
      cure: 'Check the status of the upstream call and the channel’s key and balance.',
    },
    no_channel_available: {
      text: 'No channel was available.',
      cure: 'Enable or add a channel for the model. Channels paused after errors recover automatically.',
    },
    overloaded: {
      text: 'The upstream is overloaded.',
      cure: 'Retry later, or add channels and keys for the model.',
    },
    upstream_timeout: {
      text: 'The upstream did not answer in time.',
      cure: 'Retry, or raise the channel’s timeout.',
    },
    request_timeout: {
      text: 'The request body did not arrive in time.',
      cure: 'Check the client’s network.',
    },
    internal_error: { text: 'Internal gateway error.', cure: 'Check the server log.' },
  },
});
