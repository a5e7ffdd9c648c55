import type { Done } from './operations.ts'

/** The end of a box. */
export interface DecommissionOperations {
  /**
   * Destroys the keys of this box, then its data; a running gateway ends. `name`: of the box, as who asks typed it. `text`:
   * what knows the box elsewhere, and how it is told.
   */
  decommission(name: string, who: string): Promise<Done<{ readonly text: string }>>
}
