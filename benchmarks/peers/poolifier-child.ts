import { ThreadWorker } from 'poolifier'

export default new ThreadWorker<[number, number], number>((data) => {
  const [a, b] = data as [number, number]
  return a + b
})
