using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dpwa.Configuration;

/// <summary>The parser's events, one after the other, with all that it throws on broken text turned into errors with a place.</summary>
internal sealed class YamlEvents
{
    private readonly string? file;
    private readonly string text;
    private readonly Parser parser;

    public YamlEvents(string? file, string text)
    {
        this.file = file;
        this.text = text;
        parser = new Parser(new StringReader(text));
        Advance();
    }

    /// <summary>The event that <see cref="Next{T}"/> will return.</summary>
    public ParsingEvent Peek => parser.Current!;

    public Place Place => At(Peek.Start);

    /// <summary>The next event as what the grammar says it is. On broken text the parser may break the grammar: a key, and then the map's end.</summary>
    public T PeekAs<T>()
        where T : ParsingEvent =>
        Peek as T ?? throw ErrorList.Fatal(Place, "this is not valid YAML near here (something is missing before it)");

    /// <summary>Takes the next event, which the grammar says is a <typeparamref name="T"/>.</summary>
    public T Next<T>()
        where T : ParsingEvent
    {
        var taken = PeekAs<T>();
        if (taken is not StreamEnd)
            Advance();
        return taken;
    }

    /// <summary>Takes the next event if it is a <typeparamref name="T"/>.</summary>
    public bool TryNext<T>()
        where T : ParsingEvent
    {
        bool isTaken = Peek is T;
        if (isTaken)
            Next<T>();
        return isTaken;
    }

    private void Advance()
    {
        Mark last = parser.Current?.End ?? new Mark();
        try
        {
            if (!parser.MoveNext())
                throw new InvalidOperationException("The events end before the stream does.");
        }
        catch (YamlException e)
        {
            throw YamlSyntax.Error(file, text, e);
        }
        catch (Exception e)
        {
            // On some broken texts the parser fails in its own ways (InvalidOperationException for "[\n, {"). Nothing else runs in here.
            throw ErrorList.Fatal(At(last), $"this is not valid YAML near here ({e.Message.TrimEnd('.')})");
        }
    }

    private Place At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);
}
