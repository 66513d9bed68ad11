// What users of kubectl see when they look: get, describe, explain, and what the server says of itself.
import { runTranscripts } from './run-transcripts.ts';

runTranscripts(['cluster', 'describe', 'explain', 'get', 'own-words']);
