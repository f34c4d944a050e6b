"""Stand-ins over HTTP for the Gemini API and Vertex AI, which import nothing of the gateway they test."""
