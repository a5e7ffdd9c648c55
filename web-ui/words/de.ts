import { common } from './de/common.ts'
import { home } from './de/home.ts'
import { parts } from './de/parts.ts'
import { signIn } from './de/sign-in.ts'
import { verdicts } from './de/verdicts.ts'
import { wizard } from './de/wizard.ts'
import type { Words } from './en.ts'

export const de: Words = { ...common, ...home, ...parts, ...signIn, ...verdicts, ...wizard }
