import type { Finding, FindingArea } from '../../core/diagnosis.ts'

type About = Pick<Finding, 'id' | 'area'>

export const about = (area: FindingArea, id: string): About => ({ area, id })

export const ok = (subject: About, sentence: string, evidence: readonly string[] = []): Finding => ({
  ...subject,
  state: 'ok',
  sentence,
  remedy: '',
  evidence,
})

export const attention = (
  subject: About,
  sentence: string,
  remedy: string,
  evidence: readonly string[] = [],
): Finding => ({ ...subject, state: 'attention', sentence, remedy, evidence })

export const trouble = (
  subject: About,
  sentence: string,
  remedy: string,
  evidence: readonly string[] = [],
): Finding => ({ ...subject, state: 'trouble', sentence, remedy, evidence })

export const notChecked = ({ id, area }: About, sentence: string, remedy = ''): Finding => ({
  id,
  area,
  state: 'not-checked',
  sentence,
  remedy,
  evidence: [],
})
