// What answers, or fails to, before a request is looked at: the whole service, or Entra alone, is out.
import type { AzureSettings, Outage } from './azure-settings.ts'
import { isEntraPath } from './entra.ts'
import { aadError, entraErrorAnswer } from './entra-errors.ts'
import { type Answer, acsError } from './http-answer.ts'

/** `undefined` when nothing is wrong. */
export function outageAnswer(
  outage: Outage,
  settings: AzureSettings,
  path: string,
): Answer | 'hang' | 'reset' | undefined {
  if (outage === '503') return acsError(503, 'ServiceUnavailable', 'The service is unavailable.')
  if (!isEntraPath(path)) return undefined
  const now = settings.now()
  switch (settings.entraOutage) {
    case 'none':
      return undefined
    case 'hang':
    case 'reset':
      return settings.entraOutage
    case '503':
      return entraErrorAnswer(aadError(90033, 'A transient error has occurred. Please try again.'), now)
    case '429':
      return entraErrorAnswer(aadError(50196, 'The server terminated an operation.'), now, {
        'retry-after': '3',
      })
  }
}
