using System.Text.RegularExpressions;
using Dpwa.Dashboard.Export;
using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Dashboard.Watching;

namespace Dpwa.Dashboard.Tests;

public sealed partial class ReportTests
{
    [Fact]
    public void A_report_asks_no_address_and_nothing_in_it_is_taken_for_a_script()
    {
        using var folder = new TemporaryFolder();
        string data = folder.File("runs.db");
        using (RunStore store = RunStore.Open(data))
        {
            var recorder = new RunRecorder(store, "c", ["w1", "w2"]);
            recorder.Add(Views.At(0, Views.Running("w1"), Views.Running("w2")));
            recorder.Add(Views.At(1, Views.Running("w1"), Views.Silent("w2", "</script><script>alert(1)</script>")));
        }

        var page = new StringWriter();
        Assert.True(ReportWriter.Write(new RunReader(data), 1, page));
        string html = page.ToString();
        Assert.Equal(3, Script().Count(html));
        Assert.DoesNotMatch(Address(), html);
        Assert.Contains("\"text\":\"does not answer: \\u003C/script\\u003E", html, StringComparison.Ordinal);
        Assert.False(ReportWriter.Write(new RunReader(data), 2, page));
    }

    [GeneratedRegex("<script")]
    private static partial Regex Script();

    [GeneratedRegex("(src|href)=\"(?!data:)|url\\(\"?http|@import")]
    private static partial Regex Address();
}
