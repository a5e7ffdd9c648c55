import type { Words } from './en.ts'
import { common } from './fr/common.ts'
import { home } from './fr/home.ts'
import { parts } from './fr/parts.ts'
import { signIn } from './fr/sign-in.ts'
import { verdicts } from './fr/verdicts.ts'
import { wizard } from './fr/wizard.ts'

export const fr: Words = { ...common, ...home, ...parts, ...signIn, ...verdicts, ...wizard }
