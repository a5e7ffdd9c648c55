import type { Words } from './en.ts'
import { common } from './ja/common.ts'
import { home } from './ja/home.ts'
import { parts } from './ja/parts.ts'
import { signIn } from './ja/sign-in.ts'
import { verdicts } from './ja/verdicts.ts'
import { wizard } from './ja/wizard.ts'

export const ja: Words = { ...common, ...home, ...parts, ...signIn, ...verdicts, ...wizard }
