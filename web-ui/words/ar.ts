import { common } from './ar/common.ts'
import { home } from './ar/home.ts'
import { parts } from './ar/parts.ts'
import { signIn } from './ar/sign-in.ts'
import { verdicts } from './ar/verdicts.ts'
import { wizard } from './ar/wizard.ts'
import type { Words } from './en.ts'

export const ar: Words = { ...common, ...home, ...parts, ...signIn, ...verdicts, ...wizard }
