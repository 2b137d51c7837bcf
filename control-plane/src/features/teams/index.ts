export { teamsRouter } from './router.ts';
