/** What is done with a finished report: read with what the partner made of it, corrected, decided. One chunk. */
export { pairReports } from "../submissions/pair/pairReports";
