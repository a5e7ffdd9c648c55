import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer } from '../box.ts'
import { t } from '../words/language.ts'
import { Action } from './action.tsx'
import { Dialog } from './dialog.tsx'

interface ConfirmProps<T> {
  /** On the button that opens the question, and on the one that answers it. */
  readonly label: string
  readonly question: string
  readonly children: ComponentChildren
  readonly run: () => Promise<Answer<T>>
  readonly onDone: (value: T) => void
}

/** What can't be taken back is asked once more, with what it does. */
export function Confirm<T>({ label, question, children, run, onDone }: ConfirmProps<T>) {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <button type="button" class="danger" onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && (
        <Dialog title={question} onClose={close}>
          {children}
          <p class="buttons">
            <Action
              label={label}
              look="danger"
              run={run}
              onDone={(value) => {
                close()
                onDone(value)
              }}
            />
            <button type="button" onClick={close}>
              {t('do.cancel')}
            </button>
          </p>
        </Dialog>
      )}
    </>
  )
}
