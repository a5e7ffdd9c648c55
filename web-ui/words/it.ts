import type { Words } from './en.ts'
import { common } from './it/common.ts'
import { home } from './it/home.ts'
import { parts } from './it/parts.ts'
import { signIn } from './it/sign-in.ts'
import { verdicts } from './it/verdicts.ts'
import { wizard } from './it/wizard.ts'

export const it: Words = { ...common, ...home, ...parts, ...signIn, ...verdicts, ...wizard }
