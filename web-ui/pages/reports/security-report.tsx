import type { Report } from '../../../src/core/operations.ts'
import { Answered } from '../../parts/answered.tsx'
import { Paper } from '../../parts/paper.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { t } from '../../words/language.ts'

export function SecurityReport() {
  const known = useAnswer<Report>('/reports/security')
  return (
    <Answered known={known}>
      {({ text }) => <Paper label={t('reports.security')} text={text} file="security.txt" />}
    </Answered>
  )
}
