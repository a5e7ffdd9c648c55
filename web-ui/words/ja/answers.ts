import type { answers as source } from '../en/answers.ts'
import type { Translation } from '../words.ts'

export const answers: Translation<typeof source> = {
  'answer.wrong-claim-code': '引き継ぎコードが違います。',
  'answer.wrong-password': '名前またはパスワードが違います。',
  'answer.wrong-present-password': '現在のパスワードではありません。',
  'answer.wrong-code': 'このコードは誤りか、使用済みです。',
  'answer.too-many-guesses': 'ここからの誤りが多すぎます。4 秒後にもう一度お試しください。',
  'answer.too-busy': '現在多くの人がサインインしています。2 秒後にもう一度お試しください。',
  'answer.begin-again':
    '時間がかかりすぎたか、試行回数が多すぎます。名前とパスワードからやり直してください。',
  'answer.pass-over':
    'このリンクは使用済みか、古すぎるか、取り消されています。新しいリンクを依頼してください。',
  'answer.backup-after-reset':
    'このボックスはリセットされました。ファイルには設定だけが入り、メールと秘密情報の鍵は入りません。完全なバックアップはボックス上のコマンドで作成します。',
}
