import type { Text } from '../words.ts'

export const signIn = {
  'sign-in.title': 'Sign in to {box}',
  'sign-in.name': 'Name',
  'sign-in.password': 'Password',
  'sign-in.go': 'Sign in',
  'sign-in.out': 'Sign out',
  'sign-in.lost': 'Password or phone lost?',
  'sign-in.lost-cure':
    'Another administrator can set a new password. Where there is none, whoever stands at the box can: its label and its manual say how.',
  'code.title': 'One more step',
  'code.code': 'Code of the app',
  'code.hint': 'Six digits from the app on your phone, or one of your recovery codes.',
  'code.go': 'Go on',
  'enrol.title': 'Set up the second step',
  'enrol.explain':
    'This box wants a code from an app beside the password. Scan this with an authenticator app, then type the code that it shows.',
  'enrol.qr': 'QR code for the authenticator app',
  'enrol.here': 'The app is on this phone: open it',
  'enrol.by-hand': 'Or type this into the app:',
  'enrol.codes': 'Keep these codes',
  'enrol.codes-explain': 'Each lets you in once, should the phone be lost. They are not shown again.',
  'enrol.codes-kept': 'I have kept them',
  'pass.title': 'Day pass for {box}',
  'pass.explain':
    'This link lets you work at this box for one working day. It can be used once, on this phone.',
  'pass.go': 'Begin',
  'recovery.title': 'Recovery code',
  'recovery.explain':
    'The box keeps a sealed copy of itself every night. This code opens it, and nothing else does. Write it down and keep it away from the box: it is not shown again.',
  'recovery.part': 'The last two groups',
  'recovery.part-hint': 'Read them from what you wrote down.',
  'recovery.confirm': 'I have written it down',
  'recovery.confirmed': 'The recovery code is confirmed.',
  'language.choose': 'Language',
  'claim.title': 'This box is new',
  'claim.explain':
    'Make the first operator. The claim code shows that you stand at the box: it is on its label and its screen.',
  'claim.code': 'Claim code',
  'claim.name': 'Your name',
  'claim.password': 'New password',
  'claim.password-hint': 'At least 10 characters. Long beats complicated.',
  'claim.go': 'Make it mine',
} as const satisfies Readonly<Record<string, Text>>
