import type { Text } from '../words.ts'

export const signIn = {
  'sign-in.title': 'Sign in to {box}',
  'sign-in.name': 'Name',
  'sign-in.password': 'Password',
  'sign-in.go': 'Sign in',
  'sign-in.out': 'Sign out',
  'claim.title': 'This box is new',
  'claim.explain':
    'Make the first operator. The claim code shows that you stand at the box: it is on its label and its screen.',
  'claim.code': 'Claim code',
  'claim.name': 'Your name',
  'claim.password': 'New password',
  'claim.password-hint': 'At least 10 characters. Long beats complicated.',
  'claim.go': 'Make it mine',
} as const satisfies Readonly<Record<string, Text>>
