import type { signIn as source } from '../en/sign-in.ts'
import type { Translation } from '../words.ts'

export const signIn: Translation<typeof source> = {
  'sign-in.title': '{box} にサインイン',
  'sign-in.name': '名前',
  'sign-in.password': 'パスワード',
  'sign-in.go': 'サインイン',
  'sign-in.out': 'サインアウト',
  'sign-in.lost': 'パスワードやスマートフォンを失くしたとき',
  'sign-in.lost-cure':
    'ほかの管理者が新しいパスワードを設定できます。いなければ、ボックスの前にいる人ができます。方法はラベルと説明書にあります。',
  'code.title': 'あと一段階',
  'code.code': 'アプリのコード',
  'code.hint': 'スマートフォンのアプリの 6 桁の数字、または予備コードの一つ。',
  'code.go': '進む',
  'enrol.title': '二段階目を設定',
  'enrol.explain':
    'このボックスではパスワードのほかにアプリのコードが必要です。認証アプリでこれを読み取り、表示されたコードを入力してください。',
  'enrol.qr': '認証アプリ用の QR コード',
  'enrol.here': 'アプリはこのスマートフォンにあります: 開く',
  'enrol.by-hand': 'または、アプリに次を入力:',
  'enrol.codes': 'これらのコードを保管してください',
  'enrol.codes-explain':
    'スマートフォンを失くしたとき、それぞれ一度だけ使えます。再び表示されることはありません。',
  'enrol.codes-kept': '保管しました',
  'pass.title': '{box} の一日パス',
  'pass.explain': 'このリンクで一日このボックスの作業ができます。このスマートフォンで一度だけ使えます。',
  'pass.go': '始める',
  'recovery.title': '復旧コード',
  'recovery.explain':
    'ボックスは毎晩、封印した自分の写しを残します。このコードだけがそれを開けます。書き留めて、ボックスから離して保管してください。再び表示されることはありません。',
  'recovery.part': '最後の二つの組',
  'recovery.part-hint': '書き留めたものから読んでください。',
  'recovery.confirm': '書き留めました',
  'recovery.confirmed': '復旧コードを確認しました。',
  'language.choose': '言語',
  'claim.title': 'このボックスは新品です',
  'claim.explain':
    '最初の操作者を作ります。登録コードは、あなたがボックスの前にいることを示します。ラベルと画面にあります。',
  'claim.code': '登録コード',
  'claim.name': 'あなたの名前',
  'claim.password': '新しいパスワード',
  'claim.password-hint': '10 文字以上。複雑さより長さです。',
  'claim.go': '登録する',
}
