// Signing in and up, the first set-up, joining by a link.
import type { Texts } from '../zh';

export const auth: Texts['auth'] = {
  email: 'E-mail',
  password: 'Password',
  newPassword: 'New password',
  passwordHint: 'At least 10 characters',
  passwordTooShort: 'A password has at least 10 characters',
  emailWrong: 'Give an e-mail address',
  wait: (seconds) => `Too many tries. Wait ${seconds} seconds and try again.`,
  signIn: {
    title: 'Sign in',
    action: 'Sign in',
    totp: 'Code from your authenticator',
    totpHint: 'Six digits from your authenticator app, or one of your recovery codes.',
    toSignUp: 'No account yet? Sign up',
    forgot: 'Forgotten your password? Ask the operator for a reset link.',
    notSetUp: 'Not set up yet',
    notSetUpText: 'Open the link that the server printed when it started, or get a new one with this command:',
  },
  signUp: {
    title: 'Sign up',
    intro: 'Open an account, top it up, and call the models.',
    action: 'Sign up',
    closed: 'Sign-up is closed',
    closedText: 'Ask the operator for an account.',
    byInvite: 'Sign-up is by invitation',
    byInviteText: 'Open the invitation link that you were sent.',
    toSignIn: 'Have an account? Sign in',
  },
  setup: {
    title: 'Set up',
    intro: 'Make the operator’s sign-in. It opens the operator pages and an account of your own.',
    action: 'Create and open the console',
    badLink: 'This link is not valid',
    badLinkText: 'A link works once and for 30 minutes. Get a new one on the server with this command:',
  },
  join: {
    inviteTitle: (account) => `Join ${account}`,
    resetTitle: 'Set a new password',
    operatorTitle: 'Become an operator',
    action: 'Set the password and sign in',
    badLink: 'This link is not valid',
    badLinkText: 'A link works once and expires. Ask the person who sent it for a new one.',
  },
};
