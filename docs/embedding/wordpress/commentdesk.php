<?php
/*
 * Plugin Name: Commentdesk
 * Description: Comments of Commentdesk in place of WordPress's own.
 * Requires at least: 5.9
 * Requires PHP: 7.4
 */

if (!defined('ABSPATH')) exit;

/** What the article store is to know of a post, as JSON. */
function commentdesk_article(WP_Post $post): string {
    return wp_json_encode([
        'title' => html_entity_decode(wp_strip_all_tags(get_the_title($post)), ENT_QUOTES, 'UTF-8') ?: '–',
        'lead' => '',
        'body' => '',
        'language' => commentdesk_language(),
        'url' => get_permalink($post),
        'published_at' => get_post_time('c', true, $post),
        'comments' => comments_open($post) ? 'open' : 'closed',
    ]);
}

/** Ask the article store; null where it does not answer as it should. */
function commentdesk_ask(string $path, array $how = []): ?array {
    if (get_transient('commentdesk_away')) return null;
    $answer = wp_remote_request(COMMENTDESK_STORE . $path, $how + ['timeout' => 3]);
    $status = wp_remote_retrieve_response_code($answer);
    if ($status === 200 || $status === 201) return json_decode(wp_remote_retrieve_body($answer), true);
    // Readers do not wait for a store that is away; it is asked again in a minute.
    set_transient('commentdesk_away', true, MINUTE_IN_SECONDS);
    error_log("Commentdesk: $path: " . (is_wp_error($answer) ? $answer->get_error_message() : "HTTP $status"));
    return null;
}

/** Put a post into the article store, unless that is what the store has. */
function commentdesk_put(WP_Post $post): void {
    $article = commentdesk_article($post);
    $known = md5(COMMENTDESK_STORE . $article);
    if (get_post_meta($post->ID, '_commentdesk', true) === $known) return;
    $stored = commentdesk_ask("/v1/articles/wp-$post->ID", [
        'method' => 'PUT',
        'headers' => [
            'Authorization' => 'Bearer ' . COMMENTDESK_SERVICE_TOKEN,
            'Content-Type' => 'application/json',
        ],
        'body' => $article,
    ]);
    if ($stored) update_post_meta($post->ID, '_commentdesk', $known);
}

/** How many comments stand under a post, a minute ago at most. */
function commentdesk_count(int $id): int {
    $kept = get_transient("commentdesk_count_$id");
    if ($kept !== false) return (int) $kept;
    $count = commentdesk_ask("/v1/comment-counts?articles=wp-$id")['counts']["wp-$id"] ?? 0;
    set_transient("commentdesk_count_$id", $count, MINUTE_IN_SECONDS);
    return $count;
}

/** The element, for the post that is shown. */
function commentdesk_element(): string {
    $post = get_post();
    // Posts of before the plugin, and those that could not be stored at the time.
    commentdesk_put($post);
    return sprintf(
        // The classes are those by which themes give comments their place.
        '<div id="comments" class="comments-area default-max-width"><script async src="%s/widget.js"></script>'
            . '<comment-desk article="wp-%d" lang="%s"%s></comment-desk></div>',
        esc_url(COMMENTDESK_INTAKE), $post->ID, esc_attr(commentdesk_language()), comments_open($post) ? '' : ' closed'
    );
}

function commentdesk_language(): string {
    return strtok(get_locale(), '_');
}

function commentdesk_is_here(): bool {
    return is_singular('post') && !post_password_required();
}

add_action('save_post_post', function ($id, $post) {
    if ($post->post_status === 'publish' && !$post->post_password) commentdesk_put($post);
}, 10, 2);

// By it themes also decide whether to show comments that are closed.
add_filter('get_comments_number', fn($count, $id) => get_post_type($id) === 'post' ? commentdesk_count($id) : $count, 10, 2);

// Themes of templates in PHP ask for a file; themes made of blocks have a block.
add_filter('comments_template', fn($file) => commentdesk_is_here() ? __DIR__ . '/comments.php' : $file);
add_filter('pre_render_block', function ($rendered, $block) {
    $of_comments = in_array($block['blockName'], ['core/comments', 'core/comments-query-loop', 'core/post-comments', 'core/post-comments-form'], true);
    if (!$of_comments || !commentdesk_is_here()) return $rendered;
    return $block['blockName'] === 'core/post-comments-form' ? '' : commentdesk_element();
}, 10, 2);
