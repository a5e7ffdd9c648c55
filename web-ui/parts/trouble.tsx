import { t } from '../words/language.ts'

/** What went wrong, and the way on. */
export function Trouble({ sentence, onRetry }: { readonly sentence: string; readonly onRetry?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p>{sentence}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {t('do.retry')}
        </button>
      )}
    </div>
  )
}
