/** Why mail from a backup or an old box is held: it was not final then, and what became of it since is not known. */
export const mayAlreadyBeSent = {
  code: 'may-already-be-sent',
  reason: 'may already have been sent',
} as const
