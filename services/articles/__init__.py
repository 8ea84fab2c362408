"""The article store: articles, their published comments, the article pages and the feed."""
